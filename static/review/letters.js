// Whether keys of one letter act: they can be switched off in the list of keys, and it is remembered in this browser.
const REMEMBERED = "review-keys";
const isOn = document.getElementById("keys-on"); // pages without the list have no switch

export const areLettersOn = () => isOn?.checked ?? true;

function show() {
  document.documentElement.classList.toggle("has-keys", areLettersOn());
}

try {
  if (isOn) isOn.checked = localStorage.getItem(REMEMBERED) !== "off";
} catch {
  // A browser that keeps nothing starts with them on.
}
isOn?.addEventListener("change", () => {
  show();
  localStorage.setItem(REMEMBERED, isOn.checked ? "on" : "off");
});
show();
