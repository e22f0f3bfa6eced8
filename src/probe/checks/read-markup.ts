import { selectAll, selectOne } from 'css-select'
import { textContent } from 'domutils'
import { parseDocument } from 'htmlparser2'

/** An HTML or XML body, read when somebody first asks. What is broken in it is read as browsers do. */
export type MarkupReader = {
  /** Texts of the elements that a CSS selector finds, with white space folded. */
  find(selector: string): string[]
  /** Of the page, or of the root of an XML document; undefined when it has none. */
  title(): string | undefined
}

type Document = ReturnType<typeof parseDocument>

export function createMarkupReader(
  text: () => string,
  contentType: string | undefined,
): MarkupReader {
  let parsed: { document: Document; isXml: boolean } | undefined
  const read = () => {
    if (parsed) return parsed
    const source = text()
    const isXml = isXmlDocument(source, contentType)
    parsed = { document: parseDocument(source, { xmlMode: isXml }), isXml }
    return parsed
  }
  return {
    find(selector) {
      const { document, isXml } = read()
      return selectAll(selector, document, { xmlMode: isXml }).map((one) => fold(textContent(one)))
    },
    title() {
      const { document, isXml } = read()
      // A page may have pictures with titles of their own, which are not the page's.
      const selector = isXml ? ':root > title, :root > channel > title' : 'title:not(svg title)'
      const title = selectOne(selector, document, { xmlMode: isXml })
      return title ? fold(textContent(title)) : undefined
    },
  }
}

/** XHTML is XML by its type; HTML with an XML prolog was the fashion once, and is HTML by its type. */
function isXmlDocument(text: string, contentType = ''): boolean {
  if (/[/+]xml\b/i.test(contentType)) return true
  return !/\bhtml\b/i.test(contentType) && /^\s*<\?xml\b/.test(text)
}

const fold = (text: string): string => text.replace(/\s+/g, ' ').trim()
