// Pages come from the network, for prices and stock are of the moment; without one, the offline page.
// What has a hashed or eternal address is kept. A new version of the files is a new cache.
const CACHE = 'daji-{{ version }}'
const PICTURES = 'daji-pictures'
const MOST_PICTURES = 120
const KEEP = {{ keep|tojson }}
const PREFIXES = {{ prefixes|tojson }}

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEEP)).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE && name !== PICTURES).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    const prefix = PREFIXES.find((one) => url.pathname.startsWith(`/${one}/`))
    if (!prefix) return
    event.respondWith(fetch(request).catch(async () => (await caches.match(`/${prefix}/offline`)) ?? Response.error()))
  } else if (url.pathname.startsWith('/static/store/assets/')) {
    event.respondWith(kept(CACHE, request))
  } else if (url.pathname.startsWith('/media/') && url.pathname.endsWith('.webp')) {
    event.respondWith(kept(PICTURES, request))
  }
})

async function kept(name, request) {
  const cache = await caches.open(name)
  const known = await cache.match(request)
  if (known) return known
  const answer = await fetch(request)
  if (answer.ok) {
    cache.put(request, answer.clone())
    if (name === PICTURES) trim(cache)
  }
  return answer
}

async function trim(cache) {
  const all = await cache.keys()
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST_PICTURES)).map((one) => cache.delete(one)))
}
