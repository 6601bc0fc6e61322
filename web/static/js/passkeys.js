// Forms that a passkey fills in: shown where the browser knows passkeys, left out elsewhere.
// Source: Web Authentication Level 3, §5.1 (PublicKeyCredential). A form holds what is asked (data-options) and takes the answer.

const decode = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const described = (keys = []) => keys.map((key) => ({ ...key, id: decode(key.id) }));

async function made(options) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: decode(options.challenge),
      user: { ...options.user, id: decode(options.user.id) },
      excludeCredentials: described(options.excludeCredentials),
    },
  });
  return written(credential, {
    attestationObject: encode(credential.response.attestationObject),
  });
}

async function shown(options) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: decode(options.challenge),
      allowCredentials: described(options.allowCredentials),
    },
  });
  const { authenticatorData, signature, userHandle } = credential.response;
  return written(credential, {
    authenticatorData: encode(authenticatorData),
    signature: encode(signature),
    userHandle: userHandle ? encode(userHandle) : null,
  });
}

function written(credential, response) {
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: { clientDataJSON: encode(credential.response.clientDataJSON), ...response },
  });
}

function open(form) {
  const failed = form.querySelector("[data-failed]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    failed.hidden = true;
    button.disabled = true;
    try {
      const ceremony = form.dataset.passkey === "make" ? made : shown;
      form.elements.answer.value = await ceremony(JSON.parse(form.dataset.options));
      form.submit();
    } catch {
      failed.hidden = false;
      button.disabled = false;
    }
  });
  form.hidden = false;
}

if (window.PublicKeyCredential && window.isSecureContext) {
  document.querySelectorAll("form[data-passkey]").forEach(open);
  document.querySelectorAll("[data-without-passkeys]").forEach((element) => {
    element.hidden = true;
  });
}
