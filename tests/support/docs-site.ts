import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A site with what the examples of Playwright's documentation walk through. */
export type DocsSite = {
  url: string
  /** `METHOD /path`, in the order of arrival. */
  requests: string[]
  headers: IncomingMessage['headers'][]
}

const PAGES: Record<string, string> = {
  '/': '<title>Home</title><h1>Home</h1>',
  '/todo': `<h1>todos</h1><input placeholder="What needs to be done?"><ul></ul>
    <span data-testid="todo-count"></span>
    <script>
      const input = document.querySelector('input'), list = document.querySelector('ul')
      const count = () => {
        const left = list.querySelectorAll('li:not(.completed)').length
        document.querySelector('[data-testid=todo-count]').textContent = left + (left === 1 ? ' item left' : ' items left')
      }
      input.addEventListener('keydown', ({ key }) => {
        if (key !== 'Enter') return
        const item = document.createElement('li')
        item.setAttribute('data-testid', 'todo-item')
        item.innerHTML = '<label><input type="checkbox"><span data-testid="todo-title"></span></label>'
        item.querySelector('span').textContent = input.value
        item.querySelector('input').addEventListener('change', () => { item.classList.toggle('completed'); count() })
        list.append(item); input.value = ''; count()
      })
    </script>`,
  '/fruits': `<ul></ul><script>
    fetch('/api/v1/fruits').then((answer) => answer.json()).then((fruits) => {
      for (const { name } of fruits) document.querySelector('ul').insertAdjacentHTML('beforeend', '<li>' + name + '</li>')
    })</script>`,
  '/upload': `<label>Upload file <input type="file" multiple></label><output></output><script>
    document.querySelector('input').addEventListener('change', async ({ target }) => {
      const texts = await Promise.all([...target.files].map(async (file) => file.name + ': ' + await file.text()))
      document.querySelector('output').textContent = texts.join(', ')
    })</script>`,
  '/frame': '<iframe class="frame-class" src="/inner"></iframe>',
  '/inner': '<label>User Name <input></label><button>Sign in</button>',
  '/dialogs': `<button onclick="this.textContent = confirm('Delete the lamp?') ? 'deleted' : 'kept'">Delete</button>
    <button onclick="this.textContent = prompt('Your name?', '')">Rename</button>`,
  '/links': '<a href="/todo" target="_blank">open new tab</a>',
  '/login': `<form method="post" action="/login"><label>Username <input name="user"></label>
    <label>Password <input name="password" type="password"></label><button>Sign in</button></form>`,
  '/order': `<form method="post" action="/orders"><button>Place order</button></form>
    <form method="post" action="/moved"><button>Place order elsewhere</button></form>`,
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://site')
  const isSignedIn = request.headers.cookie?.includes('session=ada') === true
  response.setHeader('content-type', 'text/html')
  if (pathname === '/hang') return // The client's deadline ends this.
  if (pathname === '/moved') return void response.writeHead(307, { location: '/orders' }).end()
  if (pathname === '/broken') return void response.writeHead(502).end('<h1>Bad gateway</h1>')
  if (pathname === '/login' && request.method === 'POST')
    return void response
      .writeHead(303, { location: '/account', 'set-cookie': 'session=ada; Path=/' })
      .end()
  if (pathname === '/account')
    return void response.end(isSignedIn ? '<h1>Welcome, Ada</h1>' : '<h1>Please sign in</h1>')
  if (pathname === '/api/v1/fruits')
    return void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify([{ name: 'Banana', id: 1 }]))
  response.end(PAGES[pathname] ?? '<h1>a page</h1>')
}

/** Stops with the test, or with the file when it is started in its `beforeAll`. */
export async function startDocsSite(atEnd: (stop: () => Promise<void>) => void = onTestFinished) {
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    request.resume()
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  atEnd(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${port}`, requests, headers } satisfies DocsSite
}
