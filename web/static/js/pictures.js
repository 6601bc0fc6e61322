// Pictures in a form: seen before they are sent, pasted or dropped into it, and the point that matters most picked on them.

const SIDE = 640;
const STEP = 0.1;

const free = (form) =>
  [...form.querySelectorAll("[data-slot] input[type=file]")].find((input) => !input.files.length);

export function watchPictures(form) {
  form.querySelectorAll("[data-slot]").forEach((slot) => {
    const shown = slot.querySelector("img");
    if (shown) pickOn(slot, shown);
    slot.querySelector("input[type=file]")?.addEventListener("change", (event) => preview(slot, event.target));
  });
  form.addEventListener("paste", (event) => take(form, event.clipboardData.files, event));
  form.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  form.addEventListener("drop", (event) => take(form, event.dataTransfer.files, event));
}

function take(form, files, event) {
  if (!files.length) return;
  event.preventDefault();
  for (const file of files) {
    const input = free(form);
    if (!input) return;
    const held = new DataTransfer();
    held.items.add(file);
    input.files = held.files;
    for (let fold = input.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

async function preview(slot, input) {
  slot.querySelector(".focus-picker")?.remove();
  const [file] = input.files;
  if (!file?.type.startsWith("image/")) return;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    input.closest(".field").after(canvas);
    pickOn(slot, canvas);
  } catch {
    // a kind of picture that this browser does not show: the server may
  }
}

function pickOn(slot, picture) {
  const field = slot.querySelector("[data-focus]");
  const select = field?.querySelector("select");
  if (!select) return;
  const picker = document.createElement("button");
  picker.type = "button";
  picker.className = "focus-picker";
  picker.setAttribute("aria-label", field.querySelector("label").textContent);
  picker.setAttribute("aria-describedby", field.querySelector(".hint").id);
  const mark = document.createElement("span");
  mark.className = "focus-mark";
  picture.replaceWith(picker);
  picker.append(picture, mark);

  const point = () => (select.value || "0,0").split(",").map(Number);
  const place = () => {
    const [x, y] = point();
    mark.style.left = `${(x + 1) * 50}%`;
    mark.style.top = `${(1 - y) * 50}%`;
  };
  const choose = (x, y) => {
    const [value] = [[x, y].map((number) => Number(Math.min(1, Math.max(-1, number)).toFixed(2))).join(",")];
    if (![...select.options].some((option) => option.value === value)) {
      const own = select.querySelector("[data-own]") ?? select.appendChild(new Option("", value));
      own.dataset.own = "";
      own.value = value;
      own.textContent = field.dataset.own;
    }
    select.value = value === "0,0" ? "" : value;
    place();
  };

  picker.addEventListener("click", (event) => {
    if (!event.detail) return; // Enter or the space bar: the arrows move the point
    const box = picture.getBoundingClientRect();
    choose(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
  });
  picker.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const [x, y] = point();
    choose(x + move[0], y + move[1]);
  });
  select.addEventListener("change", place);
  place();
}
