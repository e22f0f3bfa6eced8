import { codeOf } from '../../base/app-error.ts'
import { cut, type Message } from '../../domain/paging/message.ts'
import { type DeliveryOutcome, type Notifier, notSet } from './notifier.ts'
import { messageIn } from './read-body.ts'

/** Mail programs show no more; a longer header line would be folded. */
const SUBJECT_LENGTH_MAX = 200

/** Less than an attempt: what hangs here says so itself, instead of being cut off without a reason. */
const CONNECT_MS = 5_000
const SILENCE_MS = 8_000

/** Commands before the text: who fails in one of these has sent nothing yet. */
const BEFORE_TEXT = ['EHLO', 'HELO', 'STARTTLS', 'AUTH', 'MAIL FROM', 'RCPT TO']
/** The same for errors that name no command. */
const NO_CONNECTION = ['EDNS', 'ETLS', 'EAUTH', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']

/** Sends a mail in plain text. Its `Message-ID` stays the same over all attempts. */
export const sendEmail: Notifier<'email'> = async (delivery, { to }, context) => {
  const { email } = context.senders
  if (!email) return { kind: 'failed', reason: 'senders.email is not in config/', retryable: false }
  const variable = email.server ?? 'SMTP_URL'
  const url = context.secret(variable)
  if (!url) return notSet(variable)
  if (!/^smtps?:\/\//.test(url))
    return { kind: 'failed', reason: `${variable} is no smtp:// address`, retryable: true }

  const message = messageIn(delivery)
  // Where nobody is told by mail it would only make each start longer.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const stop = () => transport.close()
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    await transport.sendMail({
      from: { name: 'Firewatch', address: email.from },
      to,
      subject: cut(message.subject, SUBJECT_LENGTH_MAX),
      text: textOf(message),
      messageId: `<${delivery.deliveryId}@${email.from.split('@')[1]}>`,
      headers: {
        'Auto-Submitted': 'auto-generated',
        ...(message.stage === 'wrong' && { Importance: 'high' }),
      },
      signal: context.signal,
    })
    return { kind: 'delivered' }
  } catch (error) {
    return outcomeOf(error as SmtpError)
  } finally {
    context.signal.removeEventListener('abort', stop)
    transport.close()
  }
}

type SmtpError = { responseCode?: number; command?: string; originalCode?: string }

/** 4yz says "later", 5yz "never"; without an answer to the text nobody knows whether it arrived. */
function outcomeOf(error: SmtpError): DeliveryOutcome {
  const { responseCode, command, originalCode } = error
  const code = originalCode ?? codeOf(error)
  if (responseCode)
    return {
      kind: 'failed',
      reason: `the mail server answered ${responseCode}`,
      retryable: responseCode < 500,
    }
  const isBeforeText = NO_CONNECTION.includes(code ?? '') || BEFORE_TEXT.includes(command ?? '')
  return {
    kind: isBeforeText ? 'failed' : 'ambiguous',
    reason: isBeforeText
      ? `the mail server cannot be used (${code ?? 'no code'})`
      : `no answer of the mail server (${code ?? 'no code'}); it may have arrived`,
    retryable: true,
  }
}

function textOf({ lines, url, acknowledgeUrl }: Message): string {
  return [
    ...lines,
    '',
    ...(acknowledgeUrl === undefined ? [] : [`Acknowledge: ${acknowledgeUrl}`]),
    ...(url === undefined || lines.includes(url) ? [] : [`Incident: ${url}`]),
    '',
  ].join('\n')
}
