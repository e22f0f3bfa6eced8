import { z } from 'zod'
import { SIGNALS_PER_DELIVERY_MAX } from '../../protocol/signal.ts'
import { ReceivedAlert, signalOfAlert, where } from './alertmanager.ts'
import { showsSecret } from './prove-secret.ts'
import { malformed, type SignalReader } from './signal-reader.ts'

const GrafanaAlert = ReceivedAlert.extend({
  dashboardURL: z.string().optional(),
  panelURL: z.string().optional(),
})

/** Its version is Grafana's own, and says nothing of the form. */
const GrafanaDelivery = z.object({
  alerts: z.array(GrafanaAlert).max(SIGNALS_PER_DELIVERY_MAX),
})

/** The webhook of Grafana's alerting: Alertmanager's form, with links to the panel and dashboard. */
export const grafanaReader = (known: ReadonlySet<string>): SignalReader<'grafana'> => ({
  isAuthentic: showsSecret,
  read(body, source, delivered) {
    const delivery = GrafanaDelivery.safeParse(body)
    if (!delivery.success) throw malformed(`no webhook of Grafana's: ${where(delivery.error)}`)
    return {
      signals: delivery.data.alerts.map((alert) => {
        const link = alert.panelURL || alert.dashboardURL || alert.generatorURL
        return signalOfAlert(alert, source, delivered, known, link)
      }),
    }
  },
})
