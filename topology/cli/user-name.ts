/** Who runs a command: kept with what is changed by hand, for people only. */
import { userInfo } from 'node:os'
import type { CommandIo } from './command.ts'

export const userName = ({ env }: Pick<CommandIo, 'env'>): string => env['USER'] || accountName() || 'unknown'

/** A process in a container may have a number that no account has. */
const accountName = (): string => {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
