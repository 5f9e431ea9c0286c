/** Conversations, under the names and in the layouts that providers and frameworks give them. */

/** LangChain's words for roles. */
const SPEAKERS = { human: "user", ai: "assistant", AIMessageChunk: "assistant", system: "system", tool: "tool" };
/** Which colour a role has. */
const KINDS = { user: "user", assistant: "assistant", model: "assistant", system: "system", developer: "system", tool: "tool", function: "tool" };
/** Where a prompt stands that belongs before the messages. */
const PROMPTS = ["system", "instructions", "systemInstruction"];

/**
 * @typedef {{role: string, kind: string, name?: string, content?: any, calls: Array}} Message
 * @param {any} value
 * @returns {{messages: Message[], rest: Object}|null} the conversation in a value and what stands beside it, or null
 */
export function conversationOf(value) {
  if (Array.isArray(value)) return listOf(value);
  if (!isObject(value)) return null;
  const alone = messageOf(value);
  if (alone) return { messages: [alone], rest: {} };
  if (isBlocks(value.content)) return { messages: [message("assistant", value.content)], rest: without(value, ["content"]) };
  for (const [key, list] of Object.entries(value)) {
    const inner = Array.isArray(list) ? listOf(list) : null;
    if (inner) return withPrompt(inner.messages, value, key);
  }
  return null;
}

/** Every item has to be a message, or a list of numbers and names would become one. */
function listOf(list) {
  if (list.length === 1 && Array.isArray(list[0])) return listOf(list[0]);
  const messages = list.map(messageOf);
  if (!messages.length || !messages.every(Boolean)) return null;
  const said = messages.filter(({ content, calls }) => calls.length || !isEmpty(content));
  return { messages: said.length ? said : messages, rest: {} };
}

/** Puts the prompt that stands beside the messages before them. */
function withPrompt(messages, value, key) {
  const prompts = PROMPTS.filter((name) => typeof value[name] === "string" || isBlocks(value[name]));
  return { messages: [...prompts.map((name) => message("system", value[name])), ...messages], rest: without(value, [key, ...prompts]) };
}

/** @returns {Message|null} one message: a plain one, a choice, a candidate, an item of OpenAI's responses, one of LangChain's */
function messageOf(item) {
  if (!isObject(item)) return null;
  if (isObject(item.message)) return messageOf(item.message);
  if (item.lc && isObject(item.kwargs)) return messageOf(item.kwargs);
  if (isObject(item.content) && typeof item.content.role === "string") return messageOf(item.content);
  if (item.type === "function_call") return message("assistant", undefined, [item]);
  if (item.type === "function_call_output") return message("tool", item.output);
  if (item.type === "reasoning" && Array.isArray(item.summary)) return message("reasoning", item.summary);
  const role = typeof item.role === "string" ? item.role : Object.hasOwn(SPEAKERS, item.type) ? SPEAKERS[item.type] : undefined;
  if (role === undefined || !("content" in item || "parts" in item || "tool_calls" in item)) return null;
  const calls = Array.isArray(item.tool_calls) ? item.tool_calls : [];
  return { ...message(role, item.content ?? item.parts, calls), name: typeof item.name === "string" ? item.name : undefined };
}

function message(role, content, calls = []) {
  return { role: role.slice(0, 40), kind: Object.hasOwn(KINDS, role) ? KINDS[role] : "other", content, calls };
}

/** Whether a value is the content of one message, in blocks, as Anthropic has it. */
function isBlocks(value) {
  return Array.isArray(value) && value.length > 0 && value.every((block) => isObject(block) && typeof block.type === "string" && ["text", "thinking", "tool_use", "name"].some((key) => key in block));
}

function isEmpty(content) {
  return content === undefined || content === null || content === "" || (Array.isArray(content) && !content.length);
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The other members that say something. */
function without(value, names) {
  return Object.fromEntries(Object.entries(value).filter(([name, one]) => !names.includes(name) && one !== null));
}
