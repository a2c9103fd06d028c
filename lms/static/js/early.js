// Runs before the first paint, so that menus which script will open do not flash open first.
document.documentElement.classList.add("has-script");
