// A written reply that was typed and not kept: leaving the page asks first, as with pictures chosen and not sent.

const typed = () => [...document.querySelectorAll("form[data-reply] textarea")].filter((field) => field.value !== field.defaultValue);

/** Once for a page; `[data-reply]` are the forms that keep a reply. */
export function keepReplies() {
  let kept = null;
  addEventListener("submit", (event) => (kept = event.target));
  addEventListener("beforeunload", (event) => {
    // What the form that was just sent holds is on its way; what others hold is not.
    if (typed().some((field) => field.form !== kept)) event.preventDefault();
    kept = null;
  });
}
