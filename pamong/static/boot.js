/* Starts the light page. Where its scripts could not be fetched, the page comes again once the line is back. */

const PAUSE = 4000;
const MOST = 5;
const COUNT = "pamong:boot";

import("./light.js").then(
  () => sessionStorage.removeItem(COUNT),
  async (error) => {
    console.error(error);
    const times = Number(sessionStorage.getItem(COUNT)) + 1;
    sessionStorage.setItem(COUNT, times);
    while (times <= MOST) {
      await new Promise((done) => setTimeout(done, PAUSE));
      const there = await fetch(new URL("./light.js", import.meta.url), { cache: "reload" }).then(({ ok }) => ok, () => false);
      if (there) return location.reload();
    }
  },
);
