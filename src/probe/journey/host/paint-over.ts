/** As much of a document as is used here: this project is not compiled for browsers. */
type PageElement = {
  outerHTML: string
  textContent: string | null
  getAttributeNames(): string[]
  removeAttribute(name: string): void
  querySelectorAll(selector: string): Iterable<PageElement>
  cloneNode(deep: boolean): PageElement
}
type PageDocument = { documentElement: PageElement; adoptedStyleSheets: object[] }
type Sheet = { insertRule(rule: string): unknown }
type PageScope = { document: PageDocument; CSSStyleSheet: new () => Sheet }

/**
 * Runs in each document of a recording, before its own code: what the selectors name is one grey area in
 * every picture and video. It must stay where it is and be clickable, so it is not hidden. It uses nothing
 * from outside of it, because its text is sent to the browser.
 */
export function paintOver(selectors: readonly string[]): void {
  const { document, CSSStyleSheet } = globalThis as unknown as PageScope
  const sheet = new CSSStyleSheet()
  for (const selector of selectors)
    try {
      sheet.insertRule(
        `${selector} { background: #808080 !important; filter: contrast(0) !important; }`,
      )
    } catch {
      // No CSS: Playwright's own selectors are for single pictures only.
    }
  // Not a <style>: the page's own policy may forbid those.
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}

/**
 * Runs in the page at the recording's end: its document as HTML, without what the selectors name and without
 * what stands in password fields.
 */
export function documentWithout(selectors: readonly string[]): string {
  const { document } = globalThis as unknown as PageScope
  const copy = document.documentElement.cloneNode(true)
  for (const field of copy.querySelectorAll('input[type=password]')) field.removeAttribute('value')
  const kept = ['id', 'class', 'type', 'name', 'role']
  for (const selector of selectors)
    try {
      for (const element of copy.querySelectorAll(selector)) {
        element.textContent = '[painted over]'
        for (const name of element.getAttributeNames())
          if (!kept.includes(name)) element.removeAttribute(name)
      }
    } catch {
      // No CSS, see above.
    }
  return `<!doctype html>\n${copy.outerHTML}`
}
