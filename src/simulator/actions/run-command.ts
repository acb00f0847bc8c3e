import { z } from 'zod';
import { refusals } from '../refusal.js';
import { instanceKindOf } from '../world/identifiers.js';
import { maxInstancesPerInvocation } from '../world/simulated-invocation.js';
import type { Action } from './action.js';
import { instanceIdSchema } from './parameter-schemas.js';
import { readParameters, refuse } from './read-parameters.js';

const maxContentLength = 65_536;

const schema = z.strictObject({
  Content: z.string().superRefine((value, context) => {
    if (value.length > maxContentLength) refuse(context, refusals.tooLong('Content', maxContentLength));
    else if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) refuse(context, refusals.invalidValue('Content', value));
  }),
  InstanceIds: z.array(instanceIdSchema).min(1).max(maxInstancesPerInvocation),
  CommandName: z.string().optional(),
  Description: z.string().optional(),
  CommandType: z.enum(['SHELL', 'POWERSHELL', 'BAT']).optional(),
  WorkingDirectory: z.string().optional(),
  Timeout: z.number().int().min(1).max(86_400).optional(),
  SaveCommand: z.boolean().optional(),
  EnableParameter: z.boolean().optional(),
  DefaultParameters: z.string().optional(),
  DefaultParameterConfs: z.array(z.unknown()).optional(),
  Parameters: z.string().optional(),
  Tags: z.array(z.unknown()).optional(),
  Username: z.string().optional(),
  OutputCOSBucketUrl: z.string().optional(),
  OutputCOSKeyPrefix: z.string().optional(),
});

/** Starts a command on up to 200 instances. Any well-formed instance id is taken for an instance that exists. */
export const runCommand: Action = {
  needsRegion: true,
  run({ region, parameters }, { world, settings }) {
    const read = readParameters(schema, parameters);
    if ('refusal' in read) return read;
    const { value } = read;
    const kinds = new Set(value.InstanceIds.map(instanceKindOf));
    if (kinds.has('CVM') && kinds.has('LIGHTHOUSE')) {
      return { refusal: refusals.invalidValue('InstanceIds', [...kinds]) };
    }
    const { facts } = world.add({
      region,
      instanceIds: [...new Set(value.InstanceIds)],
      behaviour: settings.runCommandBehaviour,
      command: {
        content: value.Content,
        parameters: value.Parameters ?? '{}',
        commandName: value.CommandName ?? 'command',
        commandType: value.CommandType ?? 'SHELL',
        username: value.Username ?? 'root',
        workingDirectory: value.WorkingDirectory ?? '/root',
        timeoutSeconds: value.Timeout ?? 60,
        description: value.Description ?? '',
      },
    });
    return { fields: { CommandId: facts.command.commandId, InvocationId: facts.invocationId } };
  },
};
