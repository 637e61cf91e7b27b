/** `topology dead-letters list`: the quarantine, one line per record and sink that leaves it out. */
import { type DeadLetter, everySink, listDeadLetters } from '../../sinks/rows/dead-letters.ts'
import { formatTime } from '../model/event-time.ts'
import { shortText } from '../model/short-text.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import { createCauseCheck } from './dead-letter-causes.ts'
import { deadLetterJson } from './dead-letter-json.ts'
import { formatPlace } from './dead-letter-place.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { formatNumber, textTable } from './text-table.ts'

export const deadLettersList: CommandDefinition = {
  name: 'dead-letters list',
  doc: 'Lists records that could not be applied, with their causes. Those that were redriven are left out unless --all is given.',
  arguments: [],
  options: [
    { flags: '--cause <NAME>', doc: 'only this cause: InvalidEventError' },
    { flags: '--all', doc: 'redriven ones too' },
    { flags: '-n, --limit <N>', doc: 'at most N (default 100)' },
  ],
  common: ['rows', 'topology', 'json'],
  examples: ['topology dead-letters list', 'topology dead-letters list --cause BoltError --json'],
  run: (io, input) => {
    const limit = input.count('limit', { min: 1, max: 1_000_000, initial: 100 })
    const cause = input.text('cause')
    return withReader<ExitCode>(io, input, async ({ rows, topology }) => {
      const letters: DeadLetter[] = []
      let count = 0
      const check = createCauseCheck(cause)
      for await (const letter of listDeadLetters(rows, topology.topology)) {
        check.see(letter)
        if (cause !== undefined && letter.cause !== cause) continue
        if (letter.redrivenAtMs !== undefined && !input.flag('all')) continue
        count++
        if (letters.length < limit) letters.push({ ...letter, raw: none })
      }
      check.end()
      if (input.flag('json')) await printJson(io, input, letters.map(deadLetterJson))
      else await printLetters(io, letters)
      if (count > letters.length)
        createTalk(io, input.logLevel).info(
          `${formatNumber(letters.length)} of ${formatNumber(count)} shown; --limit shows more`,
        )
      return 0
    })
  },
}

const none = new Uint8Array(0)

const printLetters = async (io: CommandIo, letters: readonly DeadLetter[]): Promise<void> => {
  if (letters.length === 0) return io.print('no dead letters\n')
  const columns = [{ title: 'PLACE' }, { title: 'APPENDED' }, { title: 'SINK' }, { title: 'CAUSE' }, { title: 'WHY' }]
  const rows = letters.map((letter) => [
    formatPlace(letter),
    formatTime(letter.atMs),
    letter.sink === everySink ? 'all' : letter.sink,
    letter.redrivenAtMs === undefined ? letter.cause : `${letter.cause} (redriven)`,
    shortText(letter.message),
  ])
  return io.print(textTable(columns, rows))
}
