"""Two Fedify peers in conversation: what they say in our tests is then what Fedify says, and not our mistake."""

from __future__ import annotations

from tests.peers.fedify_peer import FedifyPeer, Json

Pair = tuple[FedifyPeer, FedifyPeer]


def posts(sent: Json) -> list[tuple[str, int]]:
    return [(knock["scheme"], knock["status"]) for knock in sent["knocks"] if knock["method"] == "POST"]


async def test_a_handle_leads_to_the_whole_actor(pair: Pair) -> None:
    here, there = pair
    uri = there.actor_uri("amina")

    found = await here.lookup(handle=there.handle("amina"))

    assert found["error"] is None
    assert found["webfinger"]["subject"] == f"acct:{there.handle('amina')}"
    actor = found["object"]
    assert (actor["type"], actor["id"], actor["preferredUsername"]) == ("Person", uri, "amina")
    assert (actor["inbox"], actor["sharedInbox"]) == (f"{uri}/inbox", f"{there.origin}/inbox")
    assert {"id": f"{uri}#main-key", "owner": uri, "algorithm": "RSASSA-PKCS1-v1_5"} in actor["publicKeys"]
    assert [key["algorithm"] for key in actor["assertionMethods"]] == ["RSASSA-PKCS1-v1_5", "Ed25519"]
    assert actor["understood"]["preferredUsername"] == "amina"
    assert found["document"]["id"] == uri


async def test_a_follow_is_accepted_and_both_sides_know(pair: Pair) -> None:
    here, there = pair

    follow = await here.befriend("follower1", there.actor_uri("followed1"))

    arrived = await there.wait(type="Follow", id=follow["id"])
    assert arrived["actor"] == here.actor_uri("follower1")
    assert arrived["activity"]["object"] == there.actor_uri("followed1")
    assert arrived["understood"]["type"] == "Follow"
    assert (await there.actor("followed1"))["followers"] == [here.actor_uri("follower1")]
    assert (await here.actor("follower1"))["following"] == [there.actor_uri("followed1")]


async def test_the_first_knock_is_the_chosen_scheme_and_suffices(pair: Pair, scheme: str) -> None:
    here, there = pair

    follow = await here.follow("knocker", there.actor_uri("door"))

    assert posts(follow) == [(scheme, 202)]
    arrived = await there.wait(type="Follow", id=follow["id"])
    signature = arrived["http_signature"]
    assert (signature["scheme"], signature["verified"]) == (scheme, True)
    assert signature["key_id"] == f"{here.actor_uri('knocker')}#main-key"


async def test_an_actor_who_does_not_accept_leaves_the_follow_pending_until_it_answers(pair: Pair) -> None:
    here, there = pair
    await there.actor("choosy", accepts_followers=False)

    follow = await here.follow("hopeful", there.actor_uri("choosy"))

    assert (await there.actor("choosy"))["followers"] == []
    await there.answer("choosy", follow["id"], accept=False)
    assert (await here.wait(type="Reject", object=follow["id"]))["actor"] == there.actor_uri("choosy")
    await there.answer("choosy", follow["id"], accept=True)
    await here.wait(type="Accept", object=follow["id"])
    assert (await there.actor("choosy"))["followers"] == [here.actor_uri("hopeful")]


async def test_a_note_reaches_a_follower_and_can_be_read_at_its_uri(pair: Pair) -> None:
    here, there = pair
    await here.befriend("reader2", there.actor_uri("writer2"))

    note = await there.note("writer2", "<p>Meeting on Tuesday</p>")

    arrived = await here.wait(type="Create", object=note["object_id"])
    assert arrived["object_type"] == "Note"
    assert arrived["activity"]["object"]["content"] == "<p>Meeting on Tuesday</p>"
    found = await here.lookup(uri=note["object_id"])
    assert found["object"]["content"] == "<p>Meeting on Tuesday</p>"
    assert found["object"]["to"] == ["https://www.w3.org/ns/activitystreams#Public"]
    assert found["object"]["attributedTo"] == [there.actor_uri("writer2")]


async def test_a_reply_reaches_whom_it_mentions_though_nobody_follows(pair: Pair) -> None:
    here, there = pair
    question = await here.note("asker", "<p>When?</p>")

    await there.note("answerer", "<p>At six</p>", mention=[here.actor_uri("asker")], in_reply_to=question["object_id"])

    arrived = await here.wait(type="Create", actor=there.actor_uri("answerer"))
    assert arrived["activity"]["object"]["inReplyTo"] == question["object_id"]
    assert arrived["activity"]["object"]["tag"]["href"] == here.actor_uri("asker")


async def test_a_direct_note_is_addressed_to_one_actor_only(pair: Pair) -> None:
    here, there = pair
    receiver = here.actor_uri("confidant")

    await there.note("whisperer", "<p>Between us</p>", to=[receiver], cc=[])

    arrived = await here.wait(type="Create", actor=there.actor_uri("whisperer"))
    assert (arrived["activity"]["to"], arrived["activity"].get("cc")) == (receiver, None)


async def test_a_like_reaches_the_author_and_can_be_undone(pair: Pair) -> None:
    here, there = pair
    note = await there.note("liked", "<p>Soup</p>")

    like = await here.like("liker", note["object_id"])
    undo = await here.undo("liker", like["id"])

    assert (await there.wait(type="Like", object=note["object_id"]))["id"] == like["id"]
    undone = await there.wait(type="Undo", object=like["id"], object_type="Like")
    assert undone["id"] == undo["id"]


async def test_an_announce_reaches_the_author_and_can_be_undone(pair: Pair) -> None:
    here, there = pair
    note = await there.note("announced", "<p>Strike</p>")

    announce = await here.announce("announcer", note["object_id"])
    await here.undo("announcer", announce["id"])

    assert (await there.wait(type="Announce", object=note["object_id"]))["id"] == announce["id"]
    await there.wait(type="Undo", object=announce["id"], object_type="Announce")


async def test_unfollowing_undoes_the_follow(pair: Pair) -> None:
    here, there = pair
    follow = await here.befriend("leaver", there.actor_uri("left"))

    await here.unfollow("leaver", there.actor_uri("left"))

    await there.wait(type="Undo", object=follow["id"])
    assert (await there.actor("left"))["followers"] == []


async def test_an_edited_note_is_sent_again_and_reads_anew(pair: Pair) -> None:
    here, there = pair
    await here.befriend("reader3", there.actor_uri("editor"))
    note = await there.note("editor", "<p>Tuseday</p>")

    await there.update_note("editor", note["object_id"], "<p>Tuesday</p>")

    arrived = await here.wait(type="Update", object=note["object_id"])
    assert arrived["activity"]["object"]["content"] == "<p>Tuesday</p>"
    assert (await here.lookup(uri=note["object_id"]))["object"]["content"] == "<p>Tuesday</p>"


async def test_a_changed_profile_is_told_to_followers(pair: Pair) -> None:
    here, there = pair
    await here.befriend("reader4", there.actor_uri("renamed"))

    await there.update_profile("renamed", display_name="Section Nord")

    arrived = await here.wait(type="Update", object=there.actor_uri("renamed"))
    assert arrived["activity"]["object"]["name"] == "Section Nord"


async def test_a_deleted_note_is_told_and_gone(pair: Pair) -> None:
    here, there = pair
    await here.befriend("reader5", there.actor_uri("deleter"))
    note = await there.note("deleter", "<p>Oops</p>")

    await there.delete_note("deleter", note["object_id"])

    arrived = await here.wait(type="Delete", object=note["object_id"])
    assert arrived["object_type"] == "Tombstone"
    assert "410" in (await here.lookup(uri=note["object_id"]))["error"]


async def test_a_deleted_actor_is_told_and_gone(pair: Pair) -> None:
    here, there = pair
    await here.befriend("reader6", there.actor_uri("leaving"))

    await there.delete_actor("leaving")

    await here.wait(type="Delete", object=there.actor_uri("leaving"))
    assert "410" in (await here.lookup(uri=there.actor_uri("leaving")))["error"]


async def test_an_undo_that_names_the_follow_by_its_uri_alone_is_understood(pair: Pair) -> None:
    here, there = pair
    follow = await here.befriend("terse", there.actor_uri("left2"))
    undo = {"type": "Undo", "object": follow["id"]}

    await here.send("terse", undo, deliver_to=[there.actor_uri("left2")])

    await there.wait(type="Undo", object=follow["id"])
    assert (await there.actor("left2"))["followers"] == []
