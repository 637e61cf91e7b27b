/**
 * `topology alert test`: tries every way that an alert can take, and the heartbeat, and says which work. An alert path that
 * nobody tries is broken when it is needed.
 */
import { messageOf } from '../model/spillway-error.ts'
import { withinMs } from '../model/within-ms.ts'
import { type AlertChannel, testMessage } from '../observe/alerts/alert-channel.ts'
import { alertDeadlineMs } from '../observe/alerts/alert-post.ts'
import { heartbeatChannel } from '../observe/alerts/webhook-channel.ts'
import { alertChannels } from '../open-lookout.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import { alertsOf, readConfiguration } from './configuration.ts'
import { printJson } from './print-json.ts'
import { textTable } from './text-table.ts'

export const alertTest: CommandDefinition = {
  name: 'alert test',
  doc: 'Sends a message that says it is a test by each channel of the section `alerts` of spillway.yaml, and a heartbeat. Exit 0 when all of them work, 1 when one does not. A run does the same every `alert.testMs`.',
  arguments: [],
  options: [],
  common: ['topology', 'json'],
  examples: ['topology alert test', 'topology alert test --json'],
  run: async (io, input) => {
    const configuration = await readConfiguration(io, input)
    const alerts = alertsOf(io, input, configuration)
    const { heartbeat } = alerts
    const ways: readonly Way[] = [
      ...alertChannels(alerts).map((channel, index) => ({ use: index === 0 ? 'first' : 'second', channel })),
      ...(heartbeat === undefined ? [] : [{ use: 'heartbeat', channel: heartbeatChannel(heartbeat) }]),
    ]
    if (ways.length === 0)
      input.note({
        text: 'nobody is told of alerts: spillway.yaml has no section alerts',
        hint: 'alerts: {webhook: https://...} or alerts: {command: [PROGRAM, ARGUMENT]}',
      })
    input.check()
    const name = configuration.topology?.value ?? 'spillway'
    const tried = await Promise.all(ways.map((way) => tryWay(io, way, name)))
    if (input.flag('json'))
      await printJson(
        io,
        input,
        tried.map(({ use, channel, ok, reason }) => ({ use, channel, ok, reason })),
      )
    else await io.print(waysText(tried))
    return tried.every(({ ok }) => ok) ? 0 : 1
  },
}

interface Way {
  readonly use: string
  readonly channel: AlertChannel
}

interface Tried {
  readonly use: string
  readonly channel: string
  readonly ok: boolean
  readonly reason: string
}

const tryWay = async ({ clock, signal }: CommandIo, { use, channel }: Way, topology: string): Promise<Tried> => {
  const end = new AbortController()
  const late = (): Error => {
    end.abort()
    return new Error(`it does not answer within ${alertDeadlineMs / 1_000} s`)
  }
  const message = testMessage({ topology, process: 'topology alert test' }, clock.nowMs())
  try {
    await withinMs(clock, alertDeadlineMs, late, () => channel.send(message, AbortSignal.any([end.signal, signal])))
    return { use, channel: channel.name, ok: true, reason: '' }
  } catch (error) {
    return { use, channel: channel.name, ok: false, reason: messageOf(error) }
  }
}

const waysText = (tried: readonly Tried[]): string =>
  textTable(
    [{ title: 'USE' }, { title: 'CHANNEL' }, { title: 'RESULT' }],
    tried.map(({ use, channel, ok, reason }) => [use, channel, ok ? 'ok' : `failed: ${reason}`]),
  )
