import type { Ticket } from '../../protocol/ticket.ts'

/** A ticket as its tracker calls it, with the way to it where there is one. */
export function TicketLink({ ticket: { key, url } }: { ticket: Ticket }) {
  return url === undefined || !isWeb(url) ? (
    <span>{key}</span>
  ) : (
    <a href={url} rel="noreferrer">
      {key}
    </a>
  )
}

/** The address came from elsewhere. */
const isWeb = (url: string) => /^https?:\/\//.test(url)
