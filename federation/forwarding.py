"""Activities that somebody passed on: whose word they are, since it is not the word of whoever brought them.

An integrity proof says so at once; without one the activity is asked for at its home. What neither proves is nobody's.
Source: ActivityPub §7.1.2 (forwarding from inbox); FEP-8b32
"""

from datetime import timedelta

from federation import proofs
from federation.activities import Activity, parse
from federation.context import Context
from federation.dereference import Dereferencer, WorkLimits
from federation.errors import BadSignature, MalformedActivity, NotAuthorised, ObjectGone
from federation.policy import check_host, check_names
from federation.uris import host_of, same_origin
from federation.verification import prover_uri

# A proof stays good for ever, and what was taken back must not be played again: as long as servers retry, no longer.
PROOF_LIFETIME = timedelta(days=7)
LIMITS = WorkLimits(max_documents=4)


async def vouch(activity: Activity, ctx: Context) -> Activity:
    """Give what somebody passed on as its own actor said it: as it came if that is proven, else as its home has it.

    Raises:
        NotAuthorised: neither its proof nor its home says that the actor said so.
        RejectedByPolicy: the actor's domain is blocked.
        RemoteUnavailable: the actor's home does not answer now.
    """
    check_names(activity, activity.actor_uri)
    refusal = f"Nothing proves that {activity.uri} is by {activity.actor_uri}"
    if ctx.names.is_ours(activity.actor_uri):
        raise NotAuthorised(refusal)
    await check_host(host_of(activity.actor_uri))
    try:
        if proofs.is_proven(activity.document):
            await _check_proof(activity, ctx)
            return activity
    except (BadSignature, ObjectGone):
        pass  # what its home says counts
    try:
        return await _from_home(activity, ctx)
    except (NotAuthorised, MalformedActivity, ObjectGone) as error:
        raise NotAuthorised(f"{refusal}: {error}") from error


async def _check_proof(activity: Activity, ctx: Context) -> None:
    """Verify that its own actor proved the activity, not long ago.

    Raises:
        BadSignature: it did not.
    """
    proof = proofs.read(activity.document, now=ctx.now())
    if ctx.now() - proof.created_at > PROOF_LIFETIME:
        raise BadSignature("The proof is too old to be passed on.")
    if not same_origin(proof.verification_method, activity.actor_uri):
        raise BadSignature("The proof is by somebody of another server.")
    if await prover_uri(proof, ctx) != activity.actor_uri:
        raise BadSignature("The proof is by somebody else.")


async def _from_home(activity: Activity, ctx: Context) -> Activity:
    """Fetch the activity by its uri. One with a fragment is no document of its own, and cannot be had."""
    if "#" in activity.uri:
        raise NotAuthorised(f"{activity.uri} cannot be fetched")
    fetch = Dereferencer(ctx.client, ctx.signer, limits=LIMITS)
    found = parse(await fetch.document(activity.uri))
    if (found.uri, found.actor_uri, found.type) != (activity.uri, activity.actor_uri, activity.type):
        raise NotAuthorised(f"{activity.uri} is another activity at its home")
    return found
