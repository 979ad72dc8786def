// The page of one category with JavaScript: beside uploading (upload.js), a reply that is being written.
import { keepReplies } from "./materials/reply.js";

keepReplies();
