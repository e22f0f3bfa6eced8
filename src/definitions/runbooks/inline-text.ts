import type { Token } from 'markdown-it'

/** The words of a piece of Markdown: code between backticks, links with their address, nothing bold. */
export function inlineText(token: Token): string {
  let text = ''
  let href: string | undefined
  for (const child of token.children ?? []) {
    if (child.type === 'code_inline') text += `\`${child.content}\``
    else if (child.type === 'softbreak') text += ' '
    else if (child.type === 'hardbreak') text += '\n'
    else if (child.type === 'link_open') href = String(child.attrGet('href') ?? '')
    else if (child.type === 'link_close') {
      // An address that is its own text is not said twice.
      if (href !== undefined && href !== '' && !text.endsWith(href)) text += ` (${href})`
      href = undefined
    } else text += child.content
  }
  return text.trim()
}
