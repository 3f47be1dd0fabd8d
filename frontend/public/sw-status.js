// Shows what the watch tells this browser, and opens the page it is about.
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    told = {};
  }
  const title = typeof told.title === "string" ? told.title : "Status";
  event.waitUntil(
    self.registration.showNotification(title, {
      body: typeof told.body === "string" ? told.body : "",
      lang: told.lang === "es" ? "es" : "en",
      // The newest word on one incident takes the place of the one before.
      tag: typeof told.tag === "string" ? told.tag : "status",
      renotify: true,
      data: { url: typeof told.url === "string" ? told.url : "" },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data && event.notification.data.url));
});

async function open(wanted) {
  const address = addressOf(wanted);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => one.url === address);
  return page ? page.focus() : self.clients.openWindow(address);
}

function addressOf(wanted) {
  const home = new URL("./", self.location.href).href;
  try {
    const url = new URL(wanted, home);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : home;
  } catch {
    return home;
  }
}
