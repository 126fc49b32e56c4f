// Parts marked data-live are read again every two seconds and replaced when they changed.
const WAIT_MS = 2000;

async function follow(part) {
  let shown = null;
  const look = async () => {
    try {
      const answer = await fetch(part.dataset.live);
      const text = await answer.text();
      if (answer.ok && shown !== null && text !== shown) part.innerHTML = text;
      if (answer.ok) shown = text;
    } catch {
      // The sandbox is restarting; the next look will find it.
    }
  };
  document.addEventListener("crm:refresh", look);
  for (;;) {
    if (!document.hidden) await look();
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}

document.querySelectorAll("[data-live]").forEach(follow);
