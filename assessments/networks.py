"""The networks a quiz may be started from: reading what was written, and asking of an address."""

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class NetworkUnread(ValueError):
    """A line that is no network; ``line`` is what was written."""

    def __init__(self, line: str):
        super().__init__(line)
        self.line = line


def read_networks(text: str) -> list[Network]:
    """One network or address a line (RFC 4632: 10.12.0.0/16); raises NetworkUnread. Bits beyond the mask are let pass."""
    networks: list[Network] = []
    for line in text.splitlines():
        if words := line.strip():
            try:
                networks.append(ipaddress.ip_network(words, strict=False))
            except ValueError as error:
                raise NetworkUnread(words) from error
    return networks


def is_within(address: str, text: str) -> bool:
    """Whether the address is in one of the networks; with none written every address is. What is no address is not."""
    networks = read_networks(text)
    if not networks:
        return True
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return False
    # An IPv4 client of a server that listens on IPv6 (::ffff:10.0.0.1).
    client = getattr(client, "ipv4_mapped", None) or client
    return any(client.version == network.version and client in network for network in networks)
