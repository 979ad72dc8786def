// Pictures as the browser decodes them: the preview, and making a far too big one smaller before it is sent.

/** Draw `file` upright into the middle of `canvas`; false if this browser cannot decode it (HEIC on most). */
export async function preview(file, canvas) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    bitmap.close();
    return true;
  } catch {
    return false;
  }
}

/**
 * `file`, or a smaller JPEG of it: upright, on white, of at most `limits.pixels` pixels.
 *
 * Only a JPEG or PNG of more than `limits.overBytes` bytes and more pixels than that is touched; whatever goes
 * wrong, the file itself is the answer.
 */
export async function shrink(file, limits) {
  if (!(file.size > limits.overBytes) || !(await isJpegOrPng(file)) || !canReadBack()) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.sqrt(limits.pixels / (bitmap.width * bitmap.height));
    if (scale >= 1) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.floor(bitmap.width * scale);
    canvas.height = Math.floor(bitmap.height * scale);
    const context = canvas.getContext("2d", { alpha: false });
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const smaller = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", limits.quality));
    return smaller?.type === "image/jpeg" && smaller.size < file.size ? smaller : file;
  } catch {
    return file;
  }
}

async function isJpegOrPng(file) {
  try {
    const [first, second, third] = new Uint8Array(await file.slice(0, 3).arrayBuffer());
    return (first === 0xff && second === 0xd8 && third === 0xff) || (first === 0x89 && second === 0x50);
  } catch {
    return false;
  }
}

/** Some browsers blur or blank what is read from a canvas, against tracking: a picture must not pass through that. */
function canReadBack() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const context = canvas.getContext("2d");
  context.fillStyle = "#336699";
  context.fillRect(0, 0, 16, 16);
  const read = context.getImageData(0, 0, 16, 16).data;
  return read.every((value, place) => value === [0x33, 0x66, 0x99, 0xff][place % 4]);
}
