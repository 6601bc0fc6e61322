"""Passkeys: made for us, shown to us by their owner, once each; whatever else a browser sends is nobody."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.context import Context
from models import database
from models.mail import Letter
from models.member import Member
from models.passkey import Passkey, SpentChallenge
from models.secrets import fingerprint
from server.errors import AppError, Conflict, Invalid, NotFound
from server.passkeys import actions, ceremonies
from server.sessions import actions as sessions
from server.sessions import queries
from tests.authenticator import PRESENT, SoftKey, raw, text

WINDOW = "this window"


@pytest.fixture
async def zoe(member) -> Member:
    await Member.filter(actor_id=member.id).update(email="zoe@post.example", email_fingerprint=fingerprint("zoe"))
    return await Member.get(actor_id=member.id).select_related("actor")


@pytest.fixture
async def ali(other_member) -> Member:
    return await Member.get(actor_id=other_member.id).select_related("actor")


async def add(member: Member, ctx: Context, key: SoftKey | None = None, name: str = "Téléphone") -> SoftKey:
    key = key or SoftKey()
    challenge = actions.new_challenge(WINDOW, ctx)
    answer = key.make(await actions.options_to_add(member, challenge, ctx))
    await actions.add(member, name, answer, challenge, WINDOW, ctx)
    return key


def asked(ctx: Context, window: str = WINDOW) -> tuple[str, str]:
    """What a browser is asked, and the challenge in it."""
    challenge = actions.new_challenge(window, ctx)
    return ceremonies.to_ask(ctx.names, challenge), challenge


async def test_passkey_that_was_made_is_recognised(zoe, ctx):
    key = await add(zoe, ctx)
    options, challenge = asked(ctx)

    member = await actions.recognise(key.show(options), challenge, WINDOW, ctx)

    assert (member.id, member.actor.username) == (zoe.id, "zoe")
    row = await Passkey.get()
    assert (row.name, row.used_at, row.sign_count) == ("Téléphone", ctx.now(), 1)


async def test_owner_is_told_of_a_new_passkey_and_of_one_removed(zoe, ctx):
    await add(zoe, ctx)
    await actions.remove(zoe, (await Passkey.get()).id, ctx)

    assert await Letter.all().count() == 2
    assert not await Passkey.exists()


async def test_browser_is_asked_for_what_says_who_somebody_is_without_a_name(zoe, ctx):
    challenge = actions.new_challenge(WINDOW, ctx)
    options = json.loads(await actions.options_to_add(zoe, challenge, ctx))

    assert options["rp"]["id"] == "lille.test"
    assert options["authenticatorSelection"] | {} == options["authenticatorSelection"]
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert len(raw(options["user"]["id"])) == 32
    assert raw(options["challenge"]).decode() == challenge
    assert json.loads(asked(ctx)[0])["userVerification"] == "required"


async def test_names_of_passkeys_and_keys_cannot_be_read_in_the_database(zoe, ctx):
    key = await add(zoe, ctx)
    found = repr([tuple(row) for row in await database.select("SELECT * FROM passkey")])

    assert "Téléphone" not in found
    assert text(key.credential) not in found


async def test_somebody_has_several_and_none_twice(zoe, ctx):
    first = await add(zoe, ctx)
    await add(zoe, ctx, name="La clé bleue")

    assert [key.name for key in await actions.of(zoe)] == ["Téléphone", "La clé bleue"]
    challenge = actions.new_challenge(WINDOW, ctx)
    options = json.loads(await actions.options_to_add(zoe, challenge, ctx))
    assert text(first.credential) in [key["id"] for key in options["excludeCredentials"]]
    with pytest.raises(Conflict):
        await add(zoe, ctx, first)


async def test_twenty_are_enough(zoe, ctx):
    for number in range(actions.MAX_PASSKEYS):
        await Passkey.create(member=zoe, hash=f"{number:064}", credential="AAAA", public_key="AAAA", name="a")

    with pytest.raises(Conflict):
        await add(zoe, ctx)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
async def test_passkey_has_a_name(zoe, ctx, name):
    with pytest.raises(Invalid):
        await add(zoe, ctx, name=name)


async def test_nobody_removes_a_passkey_of_somebody_else(zoe, ali, ctx):
    await add(zoe, ctx)

    with pytest.raises(NotFound):
        await actions.remove(ali, (await Passkey.get()).id, ctx)


async def test_answer_counts_once(zoe, ctx):
    key = await add(zoe, ctx)
    options, challenge = asked(ctx)
    answer = key.show(options)
    await actions.recognise(answer, challenge, WINDOW, ctx)

    with pytest.raises(Invalid):
        await actions.recognise(answer, challenge, WINDOW, ctx)
    key.count = 40
    with pytest.raises(Invalid):
        await actions.recognise(key.show(options), challenge, WINDOW, ctx)


async def test_challenge_is_for_one_window_and_some_minutes(zoe, ctx):
    key = await add(zoe, ctx)
    options, challenge = asked(ctx)
    late = replace(ctx, now=lambda: ctx.now() + actions.GOOD_FOR)

    for window, moment in (("another window", ctx), (WINDOW, late)):
        with pytest.raises(Invalid):
            await actions.recognise(key.show(options), challenge, window, moment)
    with pytest.raises(Invalid):
        await actions.recognise(key.show(options), "made-up", WINDOW, ctx)


async def test_challenge_of_another_answer_does_not_do(zoe, ctx):
    key = await add(zoe, ctx)
    options, _ = asked(ctx)
    _, other = asked(ctx)

    with pytest.raises(Invalid):
        await actions.recognise(key.show(options), other, WINDOW, ctx)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://lille.test.evil.test"},
        {"origin": "http://lille.test"},
        {"rp_id": "evil.test"},
        {"flags": PRESENT},
        {"flags": 0},
        {"handle": "c29tZWJvZHkgZWxzZQ"},
    ],
)
async def test_passkey_shown_elsewhere_or_by_nobody_known_is_refused(zoe, ctx, wrong):
    key = await add(zoe, ctx)
    for name, value in wrong.items():
        setattr(key, name, value)
    options, challenge = asked(ctx)

    with pytest.raises(Invalid):
        await actions.recognise(key.show(options), challenge, WINDOW, ctx)
    assert (await Passkey.get()).used_at is None


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.test"}, {"rp_id": "evil.test"}, {"flags": PRESENT}])
async def test_passkey_made_elsewhere_or_without_its_owner_is_refused(zoe, ctx, wrong):
    with pytest.raises(Invalid):
        await add(zoe, ctx, SoftKey(**wrong))
    assert not await Passkey.exists()


async def test_copy_of_a_passkey_that_counts_is_refused(zoe, ctx):
    key = await add(zoe, ctx)
    key.count = 9
    options, challenge = asked(ctx)
    await actions.recognise(key.show(options), challenge, WINDOW, ctx)
    key.count = 8
    options, challenge = asked(ctx)

    with pytest.raises(Invalid):
        await actions.recognise(key.show(options), challenge, WINDOW, ctx)


async def test_signature_of_another_key_is_refused(zoe, ctx):
    key = await add(zoe, ctx)
    key.key = SoftKey().key
    options, challenge = asked(ctx)

    with pytest.raises(Invalid):
        await actions.recognise(key.show(options), challenge, WINDOW, ctx)


async def test_passkey_of_a_closed_login_opens_nothing(zoe, ctx):
    key = await add(zoe, ctx)
    await Member.filter(id=zoe.id).update(disabled_at=ctx.now())
    options, challenge = asked(ctx)

    with pytest.raises(Invalid):
        await actions.recognise(key.show(options), challenge, WINDOW, ctx)


async def test_passkey_alone_opens_a_session(zoe, ctx):
    key = await add(zoe, ctx)
    options, challenge = asked(ctx)

    session = await queries.of_token(
        await sessions.log_in_by_passkey(key.show(options), challenge, WINDOW, ctx, device="Firefox"), ctx
    )

    assert session is not None
    assert session.member_id == zoe.id


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "rawId", "type", "response", "clientDataJSON", "signature", "authenticatorData", "userHandle"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    junk=JUNK.map(json.dumps) | st.text(max_size=60), part=st.sampled_from(["", "response"]), field=st.text(max_size=20)
)
async def test_any_answer_is_refused_in_a_sentence(zoe, ctx, junk, part, field):
    if not await Passkey.exists():
        await add(zoe, ctx)
    row = await Passkey.get()
    _, challenge = asked(ctx)
    wrapped = json.dumps(
        {"id": row.credential, "rawId": row.credential, "type": "public-key", "response": {field: junk}}
    )
    for answer in (junk, wrapped if part else junk):
        with pytest.raises(AppError):
            await actions.recognise(answer, challenge, WINDOW, ctx)
        with pytest.raises(AppError):
            await actions.add(zoe, "Clé", answer, challenge, WINDOW, ctx)


async def test_spent_challenges_are_forgotten_with_time(zoe, ctx):
    await add(zoe, ctx)

    assert (await SpentChallenge.get()).expires_at == ctx.now() + timedelta(minutes=5)
