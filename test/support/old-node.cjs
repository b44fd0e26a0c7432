// Preloaded with `--require`: lets the process believe that it runs on the Node version in PRETEND_NODE.
Object.defineProperty(process.versions, 'node', { value: process.env.PRETEND_NODE });
