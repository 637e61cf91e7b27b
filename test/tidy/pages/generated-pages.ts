/** The generated pages by their paths. */
import { cliPage } from './cli-page.ts'
import { errorsPage } from './errors-page.ts'
import { knobsPage } from './knobs-page.ts'
import { runbookPage } from './runbook-page.ts'

export const generatedPages = async (): Promise<Readonly<Record<string, string>>> => ({
  'docs/cli.md': await cliPage(),
  'docs/errors.md': errorsPage(),
  'docs/knobs.md': knobsPage(),
  'docs/runbook.md': runbookPage(),
})
