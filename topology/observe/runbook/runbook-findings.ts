/** Asks the checks of the runbook, all at once: what is there today, and what each symptom looks like now. */
import { runbook, type Symptom, type SymptomCheck } from '../../model/runbook.ts'
import { dependencyChecks } from './dependency-checks.ts'
import type { Finding, Look, RunbookView } from './finding.ts'
import { lagChecks } from './lag-checks.ts'
import { workChecks } from './work-checks.ts'

/** By the name that the runbook's table has for them. */
export const runbookChecks: Readonly<Record<string, Look>> = { ...lagChecks, ...dependencyChecks, ...workChecks }

export interface CheckFinding {
  readonly check: SymptomCheck
  /** Absent: nobody runs the topology now, or only a person can look. */
  readonly finding?: Finding
}

export const findingsOf = (symptom: Symptom, view: RunbookView | undefined): readonly CheckFinding[] =>
  symptom.checks.map((check) => {
    const look = check.look === undefined ? undefined : runbookChecks[check.look]
    return look === undefined || view === undefined ? { check } : { check, finding: look(view) }
  })

/** What each symptom that is there now was found by. */
export const presentSymptoms = (view: RunbookView): ReadonlyMap<number, Finding> => {
  const present = new Map<number, Finding>()
  for (const symptom of runbook) {
    const sign = findingsOf(symptom, view).find(({ check, finding }) => check.isSign && finding?.state === 'found')
    if (sign?.finding !== undefined) present.set(symptom.number, sign.finding)
  }
  return present
}
