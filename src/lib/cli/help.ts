import { Help as OclifHelp } from '@oclif/core/help';
import { exitCodes } from '../base/errors/exit-codes.js';

/** oclif's help, and below the root the exit codes from the one table. */
export default class Help extends OclifHelp {
  override formatRoot(): string {
    return `${super.formatRoot()}\n\n${this.section('EXIT CODES', exitCodeRows())}`;
  }
}

function exitCodeRows(): string {
  return Object.values(exitCodes)
    .map(({ code, meaning }) => `${String(code).padStart(3)}  ${meaning}`)
    .join('\n');
}
