package io.fdnetty.examples.chat;

/**
 * What the connections of one process share.
 *
 * @param button the one on the page
 * @param visitors who may come
 */
record Chat(ChatRooms rooms, Announcements announcements, UpgradeButton button, Visitors visitors) {}
