import { z } from 'zod'
import { where } from './alertmanager.ts'
import { showsSecret } from './prove-secret.ts'
import {
  instantOf,
  makeSignal,
  malformed,
  type SignalReader,
  serviceOf,
  severityOf,
} from './signal-reader.ts'

const SnsMessage = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  TopicArn: z.string(),
  Message: z.string(),
  SubscribeURL: z.string().optional(),
})

const CloudWatchAlarm = z.object({
  AlarmName: z.string().min(1),
  AlarmArn: z.string().optional(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string().default(''),
  StateChangeTime: z.string().optional(),
  Region: z.string().optional(),
  AWSAccountId: z.string().optional(),
  Trigger: z
    .object({ Namespace: z.string().optional(), MetricName: z.string().optional() })
    .optional(),
})

/**
 * Alarms of CloudWatch by Amazon SNS over HTTPS. SNS sends the name and password of the subscribed
 * address, `https://any:secret@…`. Too little data is no sign of health: it ends no alarm. Labels to
 * map from: `alarm`, `namespace`, `metric`, `region`, `account` and `topic`.
 *
 * A subscription is confirmed by whoever runs the coordinator, who finds the address in the log:
 * following an address that a stranger sent is not for a program.
 */
export const snsReader = (known: ReadonlySet<string>): SignalReader<'sns'> => ({
  isAuthentic: showsSecret,
  read(body, source, { receivedAt }) {
    const parsed = SnsMessage.safeParse(body)
    if (!parsed.success) throw malformed(`no message of Amazon SNS: ${where(parsed.error)}`)
    const { Type, Message, TopicArn, SubscribeURL } = parsed.data
    if (Type === 'SubscriptionConfirmation')
      return {
        signals: [],
        notice: `confirm the subscription of ${TopicArn} by opening ${SubscribeURL ?? 'its address'}`,
      }
    if (Type !== 'Notification')
      return { signals: [], notice: `the subscription of ${TopicArn} has ended` }

    const alarm = CloudWatchAlarm.safeParse(jsonIn(Message))
    if (!alarm.success) throw malformed(`no alarm of CloudWatch in Message: ${where(alarm.error)}`)
    const { AlarmName, AlarmArn, NewStateValue, NewStateReason, Trigger, Region } = alarm.data
    if (NewStateValue === 'INSUFFICIENT_DATA') return { signals: [] }
    const words: Record<string, string | undefined> = {
      alarm: AlarmName,
      namespace: Trigger?.Namespace,
      metric: Trigger?.MetricName,
      region: Region,
      account: alarm.data.AWSAccountId,
      topic: TopicArn,
    }
    const lookUp = (name: string) => words[name]
    return {
      signals: [
        makeSignal({
          key: AlarmArn ?? AlarmName,
          isFiring: NewStateValue === 'ALARM',
          startedAt: instantOf(alarm.data.StateChangeTime),
          toldAt: instantOf(alarm.data.StateChangeTime),
          receivedAt,
          subject: alarm.data.AlarmDescription || AlarmName,
          reason: NewStateReason,
          serviceId: serviceOf(source, lookUp, known),
          severity: severityOf(source, lookUp),
        }),
      ],
    }
  },
})

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // The shape is refused then, and the message says so.
  }
}
