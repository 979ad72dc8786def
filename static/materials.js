// The materials page with JavaScript. Without it everything is there too, only less at hand.
import { actQuietly } from "./materials/acts.js";
import { unfold } from "./materials/fold.js";
import { countOn } from "./materials/left.js";
import { dragToOrder } from "./materials/order.js";
import { keepReplies } from "./materials/reply.js";

unfold();
addEventListener("hashchange", unfold);
countOn();
actQuietly();
dragToOrder();
keepReplies();
