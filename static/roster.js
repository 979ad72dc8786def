// The page of a roster: while a long one is on its way, its bar moves; then the page comes anew.

const section = document.querySelector("[data-roster-percent]");
const EVERY = 2000; // milliseconds

async function look() {
  // Marked: a page that lies open and asks by itself keeps nobody signed in.
  const answer = await fetch(`${location.pathname}?by-itself`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = answer.ok && !answer.redirected && page.querySelector("[data-roster-percent]");
  if (!fresh) {
    location.replace(location.pathname);
    return;
  }
  section.querySelector("progress").value = fresh.dataset.rosterPercent;
  section.querySelector("progress + span").textContent = fresh.querySelector("progress + span").textContent;
  setTimeout(ask, EVERY);
}

function ask() {
  // The server is away for a moment: the next look tells.
  look().catch(() => setTimeout(ask, EVERY));
}

if (section) setTimeout(ask, EVERY);
