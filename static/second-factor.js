// Without scripts the browser's own menu prints; the button only saves the way there.
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
