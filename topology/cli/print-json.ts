/** JSON results: one value on one line, or indented with `--pretty`. */
import type { JsonValue } from '../model/json.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'

export const printJson = (io: CommandIo, input: CommandInput, value: JsonValue): Promise<void> =>
  io.print(`${JSON.stringify(value, undefined, input.flag('pretty') ? 2 : undefined)}\n`)
