// [data-shrink-photos]: chosen photos become JPEGs of at most 1600 pixels on the phone itself, so that they pass a weak
// network; a form sent meanwhile waits for them. What can't be shrunk, and every PDF, goes as it is.
(() => {
  const LONGEST = 1600;
  const SMALL = 400 * 1024;
  const shrunk = async (file) => {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size <= SMALL) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg", lastModified: file.lastModified });
    } catch {
      return file;
    }
  };
  document.querySelectorAll("[data-shrink-photos] input[type=file]").forEach((field) => {
    let work = null;
    field.addEventListener("change", () => {
      const chosen = [...field.files];
      const mine = Promise.all(chosen.map(shrunk)).then((files) => {
        if (work !== mine) return;
        work = null;
        if (files.every((file, n) => file === chosen[n])) return;
        const list = new DataTransfer();
        files.forEach((file) => list.items.add(file));
        field.files = list.files;
        field.dataset.shrunk = "1";
      });
      work = mine;
    });
    field.form.addEventListener(
      "submit",
      (event) => {
        if (!work) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        const button = event.submitter;
        work.finally(() => field.form.requestSubmit(button));
      },
      true,
    );
  });
})();
