// A button beside every password that shows it and hides it again, and a word when the keyboard is not what it seems.
// Without this file the fields are what browsers make of them.
const parts = document.querySelector("#show-password");
const FULL_WIDTH = /[\u3000\uff01-\uff5e]/;

for (const field of document.querySelectorAll("input[type=password]")) equip(field);

function equip(field) {
  const button = parts.content.querySelector("input").cloneNode(true);
  const hint = document.createElement("span");
  hint.className = "small password-hint";
  hint.setAttribute("role", "status");
  const row = document.createElement("div");
  row.className = "password-row";
  field.replaceWith(row);
  row.append(field, button);
  row.after(hint);

  const name = field.labels[0]?.textContent.trim() ?? "";
  show(false);
  button.addEventListener("click", () => show(field.type === "password"));
  // A browser may remember what was sent as text.
  field.form.addEventListener("submit", () => show(false));
  let caps = false;
  for (const kind of ["keydown", "keyup"]) {
    field.addEventListener(kind, (event) => {
      caps = event.getModifierState?.("CapsLock") ?? false;
      say();
    });
  }
  field.addEventListener("input", say);
  field.addEventListener("blur", () => {
    caps = false;
    say();
  });

  function show(shown) {
    field.type = shown ? "text" : "password";
    button.value = shown ? button.dataset.hide : button.dataset.show;
    button.setAttribute("aria-label", `${button.value}: ${name}`);
  }

  function say() {
    const words = [caps && parts.dataset.caps, FULL_WIDTH.test(field.value) && parts.dataset.wide];
    const text = words.filter(Boolean).join(" ");
    if (hint.textContent !== text) hint.textContent = text;
  }
}
