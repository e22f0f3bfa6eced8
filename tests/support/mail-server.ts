import { once } from 'node:events'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { onTestFinished } from 'vitest'

export type TakenMail = { from: string; to: string[]; source: string }

/** A mail server on loopback; it takes what comes, until it is told to answer with another code. */
export type MailServer = {
  /** `smtp://user:password@127.0.0.1:port` */
  url: string
  taken: TakenMail[]
  /** What the next mails get, in order: a code at their text, silence, or a cut after the text. */
  next: (number | 'silent' | 'dropped')[]
}

const USER = 'firewatch'
const PASSWORD = 'of-the-mail-server'

export async function startMailServer(): Promise<MailServer> {
  const mail: MailServer = { url: '', taken: [], next: [] }
  const sockets = new Set<Socket>()
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === USER && password === PASSWORD
        ? done(null, { user: username })
        : done(new Error('wrong password')),
    async onData(stream, session, done) {
      const source = await text(stream)
      const { mailFrom, rcptTo } = session.envelope
      mail.taken.push({
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map(({ address }) => address),
        source,
      })
      const answer = mail.next.shift()
      if (answer === 'silent') return
      if (answer === 'dropped') {
        for (const socket of sockets) socket.destroy()
        return
      }
      done(
        answer === undefined ? null : Object.assign(new Error('not now'), { responseCode: answer }),
      )
    },
  })
  // A client that is cut off, or cuts off, is what is tested.
  server.on('error', () => undefined)
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  const address = server.server.address()
  if (typeof address !== 'object' || !address) throw new Error('the mail server has no address')
  mail.url = `smtp://${USER}:${PASSWORD}@127.0.0.1:${address.port}`
  return mail
}
