// The page of a second look gets better with it and works without it: its pictures large, and its form sent once.
import "./review/viewer.js";

document.documentElement.classList.add("has-script");

const form = document.getElementById("form-second-look");
let isSent = false;
form?.addEventListener("submit", (event) => {
  if (isSent) event.preventDefault();
  isSent = true;
});
addEventListener("pageshow", () => (isSent = false));
