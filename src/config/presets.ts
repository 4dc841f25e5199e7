// Recommended set-ups, as a team with one API would choose them for each purpose. A preset is laid
// under what the service itself says.

type Block = Readonly<Record<string, unknown>>;

export const PRESETS: Readonly<
  Record<string, { readonly lambda?: Block; readonly fargate?: Block }>
> = {
  development: { lambda: { memory: 512, timeout: '30s' } },
  staging: { lambda: { memory: 1024, provisioned: 1 } },
  'production-low-traffic': { lambda: { memory: 1024, reserved: 100, provisioned: 5 } },
  'production-high-traffic': {
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 3, max: 20 }, scale: { cpu: 60 } },
  },
};
