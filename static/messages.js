// Messages that somebody has looked at are marked as read without pressing the button: two seconds in sight are enough.
// Their marks stay until the page is opened again, so that one sees what was new.
const form = document.querySelector("form[data-read]");
const count = document.querySelector("[data-unread-count]");
let timer;

document.addEventListener("visibilitychange", look);
look();

function look() {
  clearTimeout(timer);
  if (document.visibilityState === "visible" && form) timer = setTimeout(send, 2000);
}

async function send() {
  document.removeEventListener("visibilitychange", look);
  const data = new FormData(form);
  try {
    // Done only if it says so: signed out, it leads to sign in. Any other answer leaves the button.
    const headers = { Prefer: "return=minimal" };
    const answer = await fetch(form.action, { method: "POST", body: data, headers, redirect: "manual", keepalive: true });
    if (answer.status !== 204) return;
  } catch {
    return;
  }
  form.hidden = !form.contains(document.activeElement);
  const left = Number(count?.dataset.unreadCount) - data.getAll("message").length;
  if (left > 0) {
    count.dataset.unreadCount = left;
    count.querySelector(".count").textContent = left;
  } else {
    count?.remove();
  }
}
