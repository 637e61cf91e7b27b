/**
 * `topology replay`: recomputes a past range of the log into a namespace of its own, beside the live results.
 *
 * Its sinks go into the ledger, and whoever runs the topology serves them. Where nobody does, this command runs the
 * topology itself until everything is caught up.
 */
import { resolve } from 'node:path'
import type { Topology } from '../model/topology.ts'
import type { ResourceUrls } from '../resources.ts'
import type { CommandDefinition } from './command.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { dropReplay } from './drop-replay.ts'
import { explainReplay } from './explain-replay.ts'
import { loadTopology } from './load-topology.ts'
import { spoutLogUrls } from './open-spout-logs.ts'
import { performReplay } from './perform-replay.ts'
import { type AskedReplay, readReplayRequest } from './read-replay-request.ts'

export const replay: CommandDefinition = {
  name: 'replay',
  doc: 'Recomputes what was appended from one time up to another into a namespace, beside the live results, which stay as they are: one sink for each rollup, schema, event store and archive of FILE; sinks of your own are left out. Deletes of the log are left out, also those behind the range, and later ones are taken out of the namespace too. With --follow it has no end: it goes on with what comes, so that `topology promote` can make it what readers see, also for a FILE whose sinks have changed. Runs beside `topology run`, with a share of its time (replay.shareRatio), or alone; broken off, the same command goes on, and with another --rate it changes the rate. Read it with --namespace.',
  arguments: [{ name: 'FILE', doc: 'the topology file (.ts, .mts, .js); not with --drop', isRequired: false }],
  options: [
    {
      flags: '--from <TIME>',
      doc: 'append time of the first record, in ISO 8601 (with --follow: default the beginning)',
    },
    { flags: '--to <TIME>', doc: 'append time behind the last record' },
    { flags: '--follow', doc: 'no end: it goes on with what comes' },
    { flags: '--into <NAMESPACE>', doc: 'a name of a to z, 0 to 9 and -' },
    { flags: '--tenant <PROJECT>', doc: 'only events of this project' },
    { flags: '-t, --timeframe <FRAME>', doc: 'only events of these event times: START/END in ISO 8601' },
    { flags: '--rate <N>', doc: 'at most N records a second, such as 500, 5K or 2M; none takes the limit away' },
    { flags: '--dry-run', doc: 'shows what would be read and written and how long it takes, and changes nothing' },
    {
      flags: '--drop <NAMESPACE>',
      doc: 'ends a replay that nobody wants any more, for good; what it wrote stays. live: the declared sinks that readers see in a promoted namespace',
    },
  ],
  common: ['log', 'rows', 'objects', 'topology', 'json'],
  examples: [
    'topology replay topology.ts --from 2026-03-01 --to 2026-03-08 --into shadow --dry-run',
    'topology replay topology.ts --from 2026-03-01 --to 2026-03-08 --into shadow --rate 5K',
    'topology replay topology.ts --from 2026-03-14T09:00Z --to 2026-03-14T10:00Z --tenant shop --into shop-hour',
    'topology replay topology.ts --follow --into v2',
    'topology replay --drop shadow',
  ],
  run: async (io, input) => {
    const [file] = input.operands
    const dropped = input.text('drop')
    if (dropped !== undefined) return dropReplay(io, input, dropped)
    if (file === undefined) input.note({ text: 'FILE is missing: the topology file' })
    const configuration = await readConfiguration(io, input, file)
    const asked = readReplayRequest(io, input)
    input.check()
    const topology = await loadTopology(io, file!)
    const spouts = topology.spouts.map(({ name, options }) => ({ name, log: options.log }))
    const { urls: logs, problems } = spoutLogUrls(spouts, configuration, io.folder)
    for (const problem of problems) input.note(problem)
    input.check()
    const { log, rows, objects } = configuration
    const { clock, random, env } = io
    const urls = { log: log.value, logs, rows: rows.value, objects: objects.value, clock, random, env }
    const whole = { topology, configuration, urls, ...asked, file: resolve(io.folder, file!) }
    return input.flag('dry-run') ? explainReplay(io, input, whole) : performReplay(io, input, whole)
  },
}

export interface OpenReplay extends AskedReplay {
  readonly topology: Topology
  readonly configuration: Configuration
  readonly urls: Omit<ResourceUrls, 'mode'>
  readonly file: string
}
