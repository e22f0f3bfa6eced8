import type { Notification } from '../../protocol/notification.ts'
import type { Message } from './message.ts'

/** Read aloud it is half a minute: whoever was woken keeps no more. */
export const SPEECH_LENGTH_MAX = 420
const SENTENCE_LENGTH_MAX = 160

/** Three parts of a text message; with more, some networks drop the last ones. */
export const TEXT_LENGTH_MAX = 320
/** Of a link nobody can use a part; where less than this is left for words, the words are needed more. */
const WORDS_LENGTH_MIN = 80

/** The key that acknowledges: no menu's first choice, and not what a cheek presses. */
export const ACKNOWLEDGE_KEY = '4'

/**
 * What a call says, in short sentences: how bad it is and what customers cannot do first, what to press
 * last. A test says that nothing is wrong.
 */
export function spokenText({ type, data }: Notification): string[] {
  const press = `Press ${ACKNOWLEDGE_KEY} to acknowledge.`
  if (type === 'page.test')
    return [
      'This is a test call from Firewatch.',
      'Nothing is wrong.',
      `Press ${ACKNOWLEDGE_KEY} to say that it works.`,
    ]
  const { severity, severityReason, headline, service, id } = data
  const sentences = [
    severity === undefined ? undefined : severity.replace(/^SEV-/, 'Severity '),
    severityReason,
    headline,
    [service === undefined ? undefined : `Service ${service}`, id?.replace(/^INC-/, 'incident ')]
      .filter((part) => part !== undefined)
      .join(', '),
  ]
  const told: string[] = []
  let left = SPEECH_LENGTH_MAX - press.length
  for (const sentence of sentences) {
    const said = asSentence(sentence ?? '')
    if (said === '' || said.length >= left) continue
    told.push(said)
    left -= said.length + 1
  }
  return [...told, press]
}

/** One sentence, without what is only noise when it is read aloud. */
function asSentence(text: string): string {
  const words = text
    .replaceAll(/https?:\/\/\S+/g, '')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  if (words === '') return ''
  const short =
    words.length <= SENTENCE_LENGTH_MAX
      ? words
      : words.slice(0, SENTENCE_LENGTH_MAX).replace(/\s+\S*$/, '')
  const begun = `${short.charAt(0).toUpperCase()}${short.slice(1)}`
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}

/**
 * What a text message says: one line, and a link. Whoever is to acknowledge gets the link that does it
 * without signing in; it is whole or not there.
 */
export function textMessage({ subject, url, acknowledgeUrl, stage }: Message): string {
  const link = stage === 'wrong' ? (acknowledgeUrl ?? url) : url
  const room = TEXT_LENGTH_MAX - (link === undefined ? 0 : link.length + 1)
  const line = subject.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
  if (link === undefined || room < WORDS_LENGTH_MIN) return shortened(line, TEXT_LENGTH_MAX)
  return `${shortened(line, room)}\n${link}`
}

/** With three dots: the one sign for them makes a network send a text in more than twice as many parts. */
const shortened = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 3)}...`

/** A telephone number as it may be written down: its last three digits. */
export const maskedPhone = (phone: string): string => `…${phone.slice(-3)}`

/** Words of somebody else, with the numbers in them masked. */
export const withoutPhones = (words: string): string =>
  words.replaceAll(/\+?\d[\d\s()-]{5,}\d/g, (number) => maskedPhone(number))
