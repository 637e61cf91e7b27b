/** Plays seeds one after the other and tells what was violated. */
import { Violation } from './check-views.ts'
import { World, type WorldOptions } from './world.ts'

/** What went wrong in one history; `undefined` when nothing did. */
export const violationOf = async (options: WorldOptions): Promise<string | undefined> => {
  try {
    await new World(options).run()
    return undefined
  } catch (error) {
    if (error instanceof Violation) return error.message
    throw error
  }
}
