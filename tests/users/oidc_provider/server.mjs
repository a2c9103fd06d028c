// An OpenID Connect provider with a few invented people: node server.mjs PORT CALLBACK...
// Who signs in types a name of PEOPLE; every password is right.
import Provider from "oidc-provider";

const PEOPLE = {
  binh: { family_name: "Bùi", given_name: "Đức Bình", name: "Đức Bình Bùi", ma_can_bo: "VPC001", personal_identifier: "001085012345" },
  la: { name: "Lê Văn Lạ", email: "la.lv@bo.example", email_verified: true },
};

const [port, ...callbacks] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "boiduongso",
      client_secret: "chi-de-kiem-thu",
      redirect_uris: callbacks,
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: {
    openid: ["sub"],
    profile: ["name", "family_name", "given_name", "ma_can_bo", "personal_identifier"],
    email: ["email", "email_verified"],
  },
  pkce: { required: () => true },
  cookies: { keys: ["chi-de-kiem-thu"] },
  findAccount: (_context, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
});
provider.listen(Number(port), "127.0.0.1", () => console.log(`listening at ${issuer}`));
