/** The line that an alert says to type. */
import { expect, test } from 'vitest'
import { findSymptoms } from '../../topology/cli/find-symptom.ts'
import { alertSymptoms } from '../../topology/observe/alerts/alert-signal.ts'
import { runbookCommand } from '../../topology/observe/runbook-command.ts'

test('it names the one symptom that is meant, and a shell runs nothing inside of it', () => {
  for (const symptom of alertSymptoms) {
    const [, typed = ''] = /^topology runbook "([^"`$\\!]+)"$/.exec(runbookCommand(symptom)) ?? []
    expect(findSymptoms(typed).map(({ name }) => name)).toEqual([symptom])
  }
})
