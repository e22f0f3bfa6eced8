import { createRequire } from 'node:module'
import MarkdownIt, { type Token } from 'markdown-it'
import { drawableText } from '../domain/postmortem/drawable-text.ts'
import { fontCharacters } from './font-characters.ts'

// Its published types bring those of browsers into the whole program, so what is used is named here.
type PdfMake = {
  setFonts(fonts: object): void
  setUrlAccessPolicy(isAllowed: (url: string) => boolean): void
  setLocalAccessPolicy(isAllowed: (path: string) => boolean): void
  createPdf(document: object): { getBuffer(): Promise<Buffer> }
}

let prepared: { pdfmake: PdfMake; characters: ReadonlySet<number> } | undefined

/**
 * Loaded for the first document: it is as much as half of the rest of a coordinator, and most starts of one
 * are not followed by any. Its fonts are the only files that it may read, and there is no address that it
 * may fetch.
 */
function prepare(): NonNullable<typeof prepared> {
  if (prepared) return prepared
  const load = createRequire(import.meta.url)
  const pdfmake = load('pdfmake') as PdfMake
  const { Roboto } = load('pdfmake/fonts/Roboto.js') as { Roboto: Record<string, string> }
  const files = Object.values(Roboto)
  pdfmake.setFonts({ Roboto })
  pdfmake.setUrlAccessPolicy(() => false)
  pdfmake.setLocalAccessPolicy((path) => files.includes(path))
  // What every cut of it can draw.
  const [first = new Set<number>(), ...others] = files.map(fontCharacters)
  const characters = others.reduce((both, one) => both.intersection(one), first)
  prepared = { pdfmake, characters }
  return prepared
}

type ContentText = { text: string | ContentText[]; bold?: boolean; [option: string]: unknown }
type Content = ContentText | { [option: string]: unknown }

/**
 * Draws a Markdown document of ours as PDF: headings, paragraphs, lists, tables, links. Its font has Latin,
 * Greek and Cyrillic; what it lacks is written out or told by its number, with a note at the end.
 */
export async function markdownToPdf(markdown: string, title: string): Promise<Buffer> {
  const { pdfmake, characters } = prepare()
  const tokens = new MarkdownIt({ html: false, linkify: false }).parse(markdown, {})
  const hasNumbers = makeDrawable(tokens, characters)
  const document = {
    info: { title },
    pageSize: 'A4',
    pageMargins: [48, 48, 48, 56],
    defaultStyle: { font: 'Roboto', fontSize: 10, lineHeight: 1.25 },
    styles: {
      h1: { fontSize: 18, bold: true, margin: [0, 0, 0, 6] },
      h2: { fontSize: 13, bold: true, margin: [0, 14, 0, 4] },
      h3: { fontSize: 11, bold: true, margin: [0, 8, 0, 3] },
    },
    footer: (page: number, pages: number) => ({
      text: `${title} · ${page} of ${pages}`,
      alignment: 'center',
      fontSize: 8,
      color: '#666666',
      margin: [0, 16, 0, 0],
    }),
    content: [...blocks(tokens, { at: 0 }, undefined), ...(hasNumbers ? [NUMBERS_NOTE] : [])],
  }
  return pdfmake.createPdf(document).getBuffer()
}

const NUMBERS_NOTE: ContentText = {
  text: 'Signs that the font of this document lacks are told by their number in Unicode, such as U+6CE8. The same document as Markdown has them as they are.',
  fontSize: 8,
  color: '#666666',
  margin: [0, 14, 0, 0],
}

/**
 * Replaces what the font lacks in every text of a document. It is done after the Markdown was read, so that
 * what takes a sign's place is never taken for markup.
 *
 * @returns whether some of it is told by its number.
 */
function makeDrawable(tokens: readonly Token[], characters: ReadonlySet<number>): boolean {
  let hasNumbers = false
  for (const token of tokens) {
    if (token.children) hasNumbers = makeDrawable(token.children, characters) || hasNumbers
    if (token.type === 'inline') continue
    const drawn = drawableText(token.content, (code) => characters.has(code))
    token.content = drawn.text
    hasNumbers ||= drawn.hasNumbers
  }
  return hasNumbers
}

type Place = { at: number }

/** The blocks from here up to the token of the given type. */
function blocks(tokens: readonly Token[], place: Place, end: string | undefined): Content[] {
  const found: Content[] = []
  for (;;) {
    const token = tokens[place.at++]
    if (!token || token.type === end) return found
    switch (token.type) {
      case 'heading_open':
        found.push({ text: inline(tokens[place.at]), style: token.tag })
        place.at += 2
        break
      case 'paragraph_open':
        found.push({ text: inline(tokens[place.at]), margin: [0, 0, 0, 5] })
        place.at += 2
        break
      case 'bullet_list_open':
        found.push({ ul: items(tokens, place, 'bullet_list_close'), margin: [0, 0, 0, 5] })
        break
      case 'ordered_list_open':
        found.push({ ol: items(tokens, place, 'ordered_list_close'), margin: [0, 0, 0, 5] })
        break
      case 'table_open':
        found.push(table(tokens, place))
        break
      case 'fence':
      case 'code_block':
        found.push({ text: token.content, preserveLeadingSpaces: true, margin: [8, 0, 0, 5] })
        break
      default:
        break
    }
  }
}

function items(tokens: readonly Token[], place: Place, end: string): Content[] {
  const found: Content[] = []
  for (;;) {
    const token = tokens[place.at++]
    if (!token || token.type === end) return found
    if (token.type === 'list_item_open')
      found.push({ stack: blocks(tokens, place, 'list_item_close') })
  }
}

/** In a table of more columns the second, which says what, takes the room that is left; else the last. */
const WIDE_COLUMNS = 4

function table(tokens: readonly Token[], place: Place): Content {
  const rows: ContentText[][] = []
  for (;;) {
    const token = tokens[place.at++]
    if (!token || token.type === 'table_close') break
    if (token.type === 'tr_open') rows.push([])
    if (token.type === 'th_open' || token.type === 'td_open')
      rows.at(-1)?.push({ text: inline(tokens[place.at]), bold: token.type === 'th_open' })
  }
  const columns = rows[0]?.length ?? 1
  return {
    table: {
      headerRows: 1,
      widths: Array.from({ length: columns }, (_, index) =>
        index === (columns > WIDE_COLUMNS ? 1 : columns - 1) ? '*' : 'auto',
      ),
      body: rows,
    },
    fontSize: 8.5,
    layout: 'lightHorizontalLines',
    margin: [0, 2, 0, 6],
  }
}

function inline(token: Token | undefined): ContentText[] {
  const found: ContentText[] = []
  const style = { bold: false, italics: false, link: undefined as string | undefined }
  for (const part of token?.children ?? []) {
    if (part.type === 'strong_open' || part.type === 'strong_close')
      style.bold = part.type === 'strong_open'
    else if (part.type === 'em_open' || part.type === 'em_close')
      style.italics = part.type === 'em_open'
    else if (part.type === 'link_open') style.link = String(part.attrGet('href') ?? '')
    else if (part.type === 'link_close') style.link = undefined
    else if (part.type === 'softbreak' || part.type === 'hardbreak') found.push({ text: '\n' })
    else if (part.content !== '')
      found.push({
        text: part.content,
        ...(style.bold && { bold: true }),
        ...(style.italics && { italics: true }),
        ...(style.link !== undefined && {
          color: '#0b5fff',
          ...(/^https?:/.test(style.link) && { link: style.link }),
        }),
      })
  }
  return found.length === 0 ? [{ text: '' }] : found
}
