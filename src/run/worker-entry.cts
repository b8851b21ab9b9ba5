/**
 * Where a thread begins. Piscina asks for its file with `require`, and a thread that is ended while Node (20 to at least 20.20) makes an ES
 * module of a `require` aborts the whole process, `v8::Module::IsGraphAsync must be used on an instantiated module`. An `import()` may be cut off anywhere.
 */
const loaded = import("./worker.js");
// It is told by the first task.
loaded.catch(() => {});

module.exports = async (task: unknown): Promise<unknown> => (await loaded).default(task as never);
