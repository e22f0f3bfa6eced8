/** Shown where a link is not ours, or too old; it does not say which. */
export const NO_SUCH_LINK = page(
  'This link does not work',
  '<p>It is too old, or not whole. Open the incident in Firewatch instead.</p>',
)

type Shown = {
  title: string
  lines: readonly string[]
  incidentUrl: string
}

/** Asks before it acknowledges: programs that look into mails and chats open every link. */
export const askPage = (
  shown: Shown & { person: string; generation: number; held: string | undefined },
): string =>
  page(
    shown.title,
    [
      ...linesOf(shown.lines),
      ...(shown.held === undefined ? [] : [`<p><strong>${escapeHtml(shown.held)}</strong></p>`]),
      '<form method="post">',
      `<input type="hidden" name="generation" value="${shown.generation}">`,
      `<button type="submit">I have it (${escapeHtml(shown.person)})</button>`,
      '</form>',
      linkTo(shown.incidentUrl),
    ].join('\n'),
  )

export const donePage = (title: string, words: string, incidentUrl: string): string =>
  page(title, `<p><strong>${escapeHtml(words)}</strong></p>\n${linkTo(incidentUrl)}`)

const linesOf = (lines: readonly string[]) => lines.map((line) => `<p>${escapeHtml(line)}</p>`)
const linkTo = (url: string) => `<p><a href="${escapeHtml(url)}">Open the incident</a></p>`

/** Without a script, so that it works wherever a link does. */
function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/acknowledge/page.css">
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`
}

export const PAGE_CSS = `:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif }
body { margin: 0 }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem }
h1 { font-size: 1.375rem }
p { overflow-wrap: anywhere }
button { font: inherit; font-weight: 600; width: 100%; min-height: 3.5rem; margin: 1rem 0;
  border: 2px solid; border-radius: .5rem }
a { color: LinkText; display: inline-block; padding: .5rem 0 }
`

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
