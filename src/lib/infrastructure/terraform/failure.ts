import { type MlopsError, OperationError, PrerequisiteError, UsageError } from '../../base/errors/mlops-error.js';
import { type Diagnostic, describeDiagnostic, relevantErrors } from './diagnostics.js';
import { parseLockInfo, stateLocked } from './lock.js';
import { remedyFor } from './remedies.js';

export interface FailureContext {
  /** `plan`, `apply`, ...: what terraform was asked to do. */
  readonly operation: string;
  /** The working folder as the user would type it. */
  readonly dir: string;
  readonly now: number;
  /** What was done before it failed, in one sentence. */
  readonly done?: string;
  /** What terraform said beside its diagnostics, for when there are none. */
  readonly output?: string;
}

const variableErrors =
  /^(Invalid value for (?:input )?variable|Value for undeclared variable|No value for required variable|Invalid variables? file|Variables not allowed)$/;
const maxShown = 20;

/** The error that a failed terraform run amounts to, with the way on. */
export function terraformFailure(diagnostics: readonly Diagnostic[], context: FailureContext): MlopsError {
  const errors = relevantErrors(diagnostics);
  const [first] = errors;
  for (const { summary, detail } of errors) {
    const lock = parseLockInfo(`${summary}\n${detail}`);
    if (lock !== undefined) return stateLocked(lock, context);
  }
  if (errors.length > 0 && errors.every(({ summary }) => variableErrors.test(summary))) return wrongVariable(errors);
  if (first?.summary === 'Saved plan is stale') return stalePlan();
  const why = [context.done, ...errors.slice(0, maxShown).map(describeDiagnostic), ...more(errors.length - maxShown)];
  if (errors.length === 0) why.push(context.output?.trim() || 'It said nothing about why.');
  const details = {
    code: 'TERRAFORM_FAILED',
    why: why.filter((part) => part !== undefined && part !== '').join('\n'),
    actions: [...new Set(errors.flatMap((error) => remedyFor(error) ?? []))],
  };
  const text = errors.map(({ summary, detail }) => `${summary}\n${detail}`).join('\n');
  if (/No valid credential sources|could not find default credentials|ExpiredToken/.test(text)) {
    return new PrerequisiteError('The credentials for the cloud are missing or expired', {
      ...details,
      code: 'CREDENTIALS_REFUSED',
    });
  }
  const count = errors.length === 0 ? '' : ` with ${errors.length === 1 ? 'an error' : `${errors.length} errors`}`;
  return new OperationError(`terraform ${context.operation} failed${count}`, details);
}

function more(count: number): string[] {
  return count > 0 ? [`... and ${count} more`] : [];
}

function wrongVariable(errors: readonly Diagnostic[]): UsageError {
  return new UsageError('A variable of the infrastructure has a wrong value', {
    code: 'VARIABLE_INVALID',
    why: errors.map(describeDiagnostic).join('\n'),
    actions: ['Correct it in mlops.yaml, in --set or in your *.auto.tfvars, and run the command again'],
  });
}

function stalePlan(): OperationError {
  return new OperationError('The plan is out of date: the infrastructure was changed after it was made', {
    code: 'PLAN_STALE',
    why: 'Another run has changed the state in the meantime. Nothing was changed by this one.',
    actions: ['Run the command again to see a plan of how things are now'],
  });
}
