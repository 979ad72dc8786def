// Pictures change places by dragging the number below them, with a mouse or a finger. The buttons beside it do the same.
import { act } from "./acts.js";

export function dragToOrder() {
  document.documentElement.classList.add("drags");
  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    drag(grip.closest("[data-photo]"), event.pointerId);
  });
}

/** The list shows at once where the picture would be; what it was is put back when nothing came of it. */
function drag(moved, pointer) {
  const list = moved.parentElement;
  const before = [...list.children];
  const pictures = () => [...list.querySelectorAll(":scope > [data-photo]")];
  const over = new AbortController();
  const putBack = () => list.isConnected && list.append(...before);

  const follow = ({ clientX, clientY }) => {
    const nearest = pictures().reduce((one, other) => (far(one, clientX, clientY) <= far(other, clientX, clientY) ? one : other));
    if (nearest === moved) return;
    if (nearest.compareDocumentPosition(moved) & Node.DOCUMENT_POSITION_PRECEDING) nearest.after(moved);
    else nearest.before(moved);
  };
  const end = async (isDropped) => {
    over.abort();
    moved.classList.remove("dragged");
    const place = pictures().indexOf(moved) + 1;
    const wasAt = before.filter((one) => one.matches("[data-photo]")).indexOf(moved) + 1;
    if (!isDropped || place === wasAt) putBack();
    else if (!(await act(moved.querySelector("[data-order]"), { name: "to", value: place }))) putBack();
  };

  // On the list: an element that changes its place in the document would lose the pointer.
  list.setPointerCapture(pointer);
  moved.classList.add("dragged");
  const { signal } = over;
  list.addEventListener("pointermove", follow, { signal });
  list.addEventListener("pointerup", () => end(true), { signal });
  list.addEventListener("pointercancel", () => end(false), { signal });
  addEventListener("keydown", (event) => event.key === "Escape" && end(false), { signal });
}

function far(element, x, y) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return Math.hypot(left + width / 2 - x, top + height / 2 - y);
}
