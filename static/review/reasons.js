// The sentence that the candidate will read, below the reason that was chosen.

function show(select) {
  const sentence = document.getElementById(select.getAttribute("aria-describedby"));
  if (sentence) sentence.textContent = select.selectedOptions[0]?.title ?? "";
}

function showAll() {
  for (const select of document.querySelectorAll(".rv [name=reason]")) show(select);
}

document.addEventListener("change", (event) => event.target.matches(".rv [name=reason]") && show(event.target));
document.addEventListener("screen", showAll);
showAll();
