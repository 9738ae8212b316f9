/** Saves pictures as PNG. Without this script, they are saved as SVG. */

const SCALE = 2;

for (const link of document.querySelectorAll("a[data-png]")) offersPng(/** @type {HTMLAnchorElement} */ (link));

/** @param {HTMLAnchorElement} link */
function offersPng(link) {
  link.hidden = false;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const image = new Image();
    image.src = link.href;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * SCALE;
    canvas.height = image.naturalHeight * SCALE;
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(image, 0, 0, canvas.width, canvas.height);
    const saved = document.createElement("a");
    saved.href = canvas.toDataURL("image/png");
    saved.download = link.download;
    saved.click();
  });
}
