import { z } from 'zod'
import { Addresses, Auth, checkBase, Turn, tlsOptions } from '../check-base.ts'
import {
  addresses,
  secretName,
  WrittenAuth,
  written,
  writtenDialogue,
  writtenHeaders,
  writtenTlsOptions,
} from '../written-base.ts'
import { writtenDuration, writtenNumber, writtenText, writtenValues } from '../written-matcher.ts'

/** What a `websocket` check can expect besides the upgrade and each turn of its dialogue. */
export const WebSocketExpectations = z.strictObject({
  status: writtenNumber.optional().describe('Of the answer to the upgrade; 101 when absent.'),
  headers: z.record(z.string(), writtenText).optional(),
  subprotocol: writtenText.optional(),
  message: writtenValues.optional().describe('The messages that came.'),
  certificateDaysLeft: writtenNumber.optional(),
  dns: writtenDuration.optional(),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  upgrade: writtenDuration.optional(),
  exchange: writtenDuration.optional().describe('The dialogue.'),
  total: writtenDuration.optional(),
})

export const WrittenWebSocketCheck = z.strictObject({
  ...written,
  kind: z.literal('websocket'),
  url: z.url({
    protocol: /^wss?$/,
    error: 'expected an address such as wss://shop.example.com/live',
  }),
  headers: writtenHeaders.optional(),
  auth: WrittenAuth.optional(),
  subprotocols: z
    .array(z.string().regex(/^[A-Za-z0-9._-]+$/))
    .max(10)
    .optional(),
  dialogue: writtenDialogue.optional(),
  addresses,
  secrets: z
    .array(secretName)
    .optional()
    .describe('Secrets that url and headers may use, as {{NAME}}.'),
  ...writtenTlsOptions,
  expect: WebSocketExpectations.optional(),
  should: WebSocketExpectations.optional(),
})

export const WebSocketCheck = z.object({
  ...checkBase,
  kind: z.literal('websocket'),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  auth: Auth.optional(),
  subprotocols: z.array(z.string()).optional(),
  dialogue: z.array(Turn).optional(),
  addresses: Addresses.optional(),
  secrets: z.array(z.string()).optional(),
  ...tlsOptions,
})
export type WebSocketCheck = z.infer<typeof WebSocketCheck>
